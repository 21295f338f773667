/**
 * The Node-API side: computes products on the memory of a WebAssembly module, which calls it as an imported function.
 *
 * Exports `instructionSets`, the names of those that can be used here, best first; and `bind(memory, instructionSet)`,
 * which returns `product(block)` for that memory, by default with the best. A block is the address of 32-bit words in
 * it that say what to compute: each argument of a call costs as much as several loads.
 */
#define NAPI_VERSION 8
#include <node_api.h>
#include <stdint.h>
#include "product.h"

/** The words of a block, in their order; addresses are in bytes, strides in floats; bias, mask and scratch may be 0. */
enum { FLAGS, M, N, K, A, A_STRIDE, B, B_STRIDE, C, C_STRIDE, BIAS, MASK, MASK_STRIDE, SCRATCH, WORDS };
enum { TRANSPOSE_A = 1, TRANSPOSE_B = 2, RELU = 4, ALL_FLAGS = 7 };

/** What a bound function knows. It lives in an ArrayBuffer, because nothing else here allocates memory. */
typedef struct {
  char *memory;
  uint64_t bytes;
  void (*multiply)(const Product *product);
  /** Keep the memory and this storage alive as long as the function. */
  napi_ref memory_kept, storage_kept;
} Binding;

/** So that no sum or product of sizes below can overflow 64 bits. */
static const uint32_t LARGEST = 1u << 29;

static napi_value fail(napi_env env, const char *message) {
  napi_throw_range_error(env, NULL, message);
  return NULL;
}

/** Rows of floats in the memory; NULL if they do not lie in it as a whole. */
static float *matrix(const Binding *binding, uint32_t address, uint64_t rows, uint64_t columns, uint32_t stride) {
  const uint64_t floats = rows && columns ? (rows - 1) * stride + columns : 0;
  if (address % 4 || address + 4 * floats > binding->bytes) return NULL;
  return (float *)(binding->memory + address);
}

static napi_value product(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t count = 1;
  void *data;
  uint32_t at;
  if (napi_get_cb_info(env, info, &count, &argument, NULL, &data) != napi_ok) return NULL;
  const Binding *binding = data;
  if (napi_get_value_uint32(env, argument, &at) != napi_ok) return fail(env, "product(block): the block must be an address");
  const uint32_t *words = (const uint32_t *)matrix(binding, at, 1, WORDS, 0);
  if (!words) return fail(env, "product(block): the block is not aligned to 4 bytes or reaches outside the memory");
  // A copy, because another thread could change the memory between a check and its use.
  uint32_t block[WORDS];
  for (size_t i = 0; i < WORDS; i++) block[i] = words[i];

  const uint32_t m = block[M], n = block[N], k = block[K];
  const uint32_t sizes[] = {m, n, k, block[A_STRIDE], block[B_STRIDE], block[C_STRIDE], block[MASK_STRIDE]};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    if (sizes[i] > LARGEST) return fail(env, "product(block): a size or stride is too large");
  }
  if (block[FLAGS] > ALL_FLAGS || !n || !k) return fail(env, "product(block): unknown flags, or no column or no term");
  const int transpose_a = (block[FLAGS] & TRANSPOSE_A) != 0, transpose_b = (block[FLAGS] & TRANSPOSE_B) != 0;
  const Product p = {
      .transpose_a = transpose_a,
      .transpose_b = transpose_b,
      .relu = (block[FLAGS] & RELU) != 0,
      .m = m,
      .n = n,
      .k = k,
      .a = matrix(binding, block[A], transpose_a ? k : m, transpose_a ? m : k, block[A_STRIDE]),
      .a_stride = block[A_STRIDE],
      .b = matrix(binding, block[B], transpose_b ? n : k, transpose_b ? k : n, block[B_STRIDE]),
      .b_stride = block[B_STRIDE],
      .c = matrix(binding, block[C], m, n, block[C_STRIDE]),
      .c_stride = block[C_STRIDE],
      .bias = block[BIAS] ? matrix(binding, block[BIAS], 1, n, 0) : NULL,
      .mask = block[MASK] ? matrix(binding, block[MASK], m, n, block[MASK_STRIDE]) : NULL,
      .mask_stride = block[MASK_STRIDE],
      .scratch = block[SCRATCH] ? matrix(binding, block[SCRATCH], m, SCRATCH_STRIDE, SCRATCH_STRIDE) : NULL,
  };
  // Whoever asks for bias, mask or scratch must get it: only address 0 means that there is none.
  if (!p.a || !p.b || !p.c || !p.bias != !block[BIAS] || !p.mask != !block[MASK] || !p.scratch != !block[SCRATCH]) {
    return fail(env, "product(block): an operand is not aligned to 4 bytes or reaches outside the memory");
  }
  if (p.scratch && transpose_a) return fail(env, "product(block): scratch is for a matrix A that is not transposed");
  binding->multiply(&p);
  return NULL;
}

/** Whether this processor has an instruction set of that name; if so, `binding` takes it. */
static int choose(Binding *binding, const char *name, size_t length) {
  InstructionSet sets[2];
  const size_t count = instruction_sets(sets);
  for (size_t i = 0; i < count; i++) {
    size_t same = 0;
    while (same < length && sets[i].name[same] == name[same]) same++;
    // An empty name takes the first, which is the best.
    if (length == 0 || (same == length && !sets[i].name[same])) {
      binding->multiply = sets[i].multiply;
      return 1;
    }
  }
  return 0;
}

/** When a function is gone, so may be what it kept. */
static void unbind(napi_env env, void *data, void *hint) {
  (void)hint;
  const Binding binding = *(const Binding *)data;
  napi_delete_reference(env, binding.memory_kept);
  napi_delete_reference(env, binding.storage_kept);
}

static napi_value bind(napi_env env, napi_callback_info info) {
  napi_value arguments[2], storage, function;
  napi_valuetype given;
  napi_typedarray_type type;
  size_t count = 2, bytes, length = 0;
  void *address, *data;
  char name[16];
  Binding found;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok) return NULL;
  if (napi_get_typedarray_info(env, arguments[0], &type, &bytes, &address, NULL, NULL) != napi_ok || type != napi_uint8_array) {
    return fail(env, "bind(memory, instructionSet): the memory must be a Uint8Array");
  }
  // What is not given is undefined.
  if (napi_typeof(env, arguments[1], &given) != napi_ok) return NULL;
  if ((given != napi_undefined && napi_get_value_string_utf8(env, arguments[1], name, sizeof name, &length) != napi_ok) ||
      !choose(&found, name, length)) {
    return fail(env, "bind(memory, instructionSet): this processor has no such instruction set; see instructionSets");
  }
  found.memory = address;
  found.bytes = bytes;
  if (napi_create_arraybuffer(env, sizeof found, &data, &storage) != napi_ok ||
      napi_create_function(env, "product", NAPI_AUTO_LENGTH, product, data, &function) != napi_ok ||
      napi_create_reference(env, arguments[0], 1, &found.memory_kept) != napi_ok ||
      napi_create_reference(env, storage, 1, &found.storage_kept) != napi_ok ||
      napi_add_finalizer(env, function, data, unbind, NULL, NULL) != napi_ok) {
    return NULL;
  }
  *(Binding *)data = found;
  return function;
}

NAPI_MODULE_INIT() {
  InstructionSet sets[2];
  const size_t count = instruction_sets(sets);
  napi_value names, name;
  if (napi_create_array(env, &names) != napi_ok) return NULL;
  for (size_t i = 0; i < count; i++) {
    if (napi_create_string_utf8(env, sets[i].name, NAPI_AUTO_LENGTH, &name) != napi_ok) return NULL;
    if (napi_set_element(env, names, i, name) != napi_ok) return NULL;
  }
  const napi_property_descriptor exported[] = {
      {"bind", NULL, bind, NULL, NULL, NULL, napi_enumerable, NULL},
      {"instructionSets", NULL, NULL, NULL, NULL, names, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, 2, exported);
  return exports;
}
