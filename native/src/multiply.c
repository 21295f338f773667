/**
 * The product for one instruction set; the build compiles this file once for each.
 *
 * C is computed in tiles of HEIGHT rows by VECTORS vectors, which stay in registers while k runs. B is copied panel
 * by panel, so that the inner loop reads it front to back; A is read where it lies, or was copied, a number a row.
 * Sums over many terms are cut into blocks of DEPTH, so that a panel fits the first cache; C holds the sums between.
 */
#include "product.h"

#if defined(__AVX512F__)
#define MULTIPLY multiply_avx512
#define LANES 16
#define VECTORS 2
#define HEIGHT 14
#elif defined(__AVX2__)
#define MULTIPLY multiply_avx2
#define LANES 8
#define VECTORS 2
#define HEIGHT 6
#elif defined(__aarch64__)
#define MULTIPLY multiply_neon
#define LANES 4
#define VECTORS 4
#define HEIGHT 6
#endif

#define WIDTH (LANES * VECTORS)
#define DEPTH (SCRATCH_STRIDE - 16)

/** With at most this many rows, copying a panel of B takes longer than reading it where it lies. */
#define FEW_ROWS 32

#define INLINE static inline __attribute__((always_inline))
// Without it the compiler keeps the sums of a tile in memory: a quarter of the speed.
#define UNROLL _Pragma("clang loop unroll(full)")

typedef float Vector __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int Bits __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef float Four __attribute__((vector_size(16), aligned(4), may_alias));

INLINE Vector load(const float *from) { return *(const Vector *)from; }
INLINE void store(float *to, Vector x) { *(Vector *)to = x; }

/** A tile of C and what it is computed from: `k` terms of the sums. */
typedef struct {
  const float *a, *b;
  float *c;
  const float *bias, *mask;
  ptrdiff_t a_stride, b_stride, c_stride, mask_stride, k;
  /** Whether the sums start here (or are in C), and whether they end here (so that they are finished). */
  int first, last, relu;
} Tile;

INLINE void compute(const Tile *t, const int rows, const int vectors, const int transpose_a) {
  Vector sums[HEIGHT][VECTORS];
  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int j = 0; j < vectors; j++) sums[i][j] = (Vector){0};
  if (!t->first) {
    UNROLL for (int i = 0; i < rows; i++)
      UNROLL for (int j = 0; j < vectors; j++) sums[i][j] = load(t->c + i * t->c_stride + j * LANES);
  }

  const float *a = t->a, *b = t->b;
  const ptrdiff_t a_stride = t->a_stride, b_stride = t->b_stride;
  // One pointer for three rows: x86 adds a stride once or twice in an address, and a pointer a row is too many.
  const float *threes[(HEIGHT + 2) / 3];
  UNROLL for (int i = 0; i < rows; i += 3) threes[i / 3] = a + i * a_stride;
  _Pragma("clang loop unroll(disable)") for (ptrdiff_t k = 0; k < t->k; k++) {
    Vector row[VECTORS];
    UNROLL for (int j = 0; j < vectors; j++) row[j] = load(b + j * LANES);
    UNROLL for (int i = 0; i < rows; i++) {
      const float x = transpose_a ? a[i] : threes[i / 3][i % 3 * a_stride + k];
      UNROLL for (int j = 0; j < vectors; j++) sums[i][j] += x * row[j]; // fused: the build asks for -ffp-contract=fast
    }
    b += b_stride;
    if (transpose_a) a += a_stride;
  }

  if (t->last && t->bias) {
    UNROLL for (int j = 0; j < vectors; j++) {
      const Vector bias = load(t->bias + j * LANES);
      UNROLL for (int i = 0; i < rows; i++) sums[i][j] += bias;
    }
  }
  if (t->last && t->relu) {
    // What is below zero becomes zero; NaN stays, so that a diverged network is not mistaken for a dead one.
    UNROLL for (int i = 0; i < rows; i++)
      UNROLL for (int j = 0; j < vectors; j++) sums[i][j] = (Vector)((Bits)sums[i][j] & ~(sums[i][j] < 0));
  }
  if (t->last && t->mask) {
    UNROLL for (int i = 0; i < rows; i++)
      UNROLL for (int j = 0; j < vectors; j++) {
        const Vector mask = load(t->mask + i * t->mask_stride + j * LANES);
        sums[i][j] = (Vector)((Bits)sums[i][j] & (mask > 0));
      }
  }
  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int j = 0; j < vectors; j++) store(t->c + i * t->c_stride + j * LANES, sums[i][j]);
}

/** Picks the code for a tile's height and width. */
static void compute_tile(const Tile *t, ptrdiff_t rows, int one_vector, int transpose_a) {
#define CASE(count)                                                                                  \
  case count:                                                                                        \
    if (count > HEIGHT) __builtin_unreachable();                                                     \
    else if (one_vector && transpose_a) compute(t, count > HEIGHT ? 1 : count, 1, 1);                \
    else if (one_vector) compute(t, count > HEIGHT ? 1 : count, 1, 0);                               \
    else if (transpose_a) compute(t, count > HEIGHT ? 1 : count, VECTORS, 1);                        \
    else compute(t, count > HEIGHT ? 1 : count, VECTORS, 0);                                         \
    break;
  switch (rows) {
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7)
    CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14)
  }
#undef CASE
}

static void copy(float *to, const float *from, ptrdiff_t count) {
  ptrdiff_t i = 0;
  for (; i + LANES <= count; i += LANES) store(to + i, load(from + i));
  for (; i + 4 <= count; i += 4) *(Four *)(to + i) = *(const Four *)(from + i);
  for (; i < count; i++) to[i] = from[i];
}

/** Copies rows to rows WIDTH apart, which it fills up with zeros. */
static void copy_rows(float *to, const float *from, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t i = 0; i < rows; i++, to += WIDTH, from += stride) {
    if (columns < WIDTH) UNROLL for (int j = 0; j < VECTORS; j++) store(to + j * LANES, (Vector){0});
    copy(to, from, columns);
  }
}

/** A tile that is not whole vectors wide, computed in memory that is. */
static void compute_narrow_tile(const Tile *t, ptrdiff_t rows, ptrdiff_t columns, int transpose_a) {
  float c[HEIGHT * WIDTH], mask[HEIGHT * WIDTH], bias[WIDTH];
  Tile whole = *t;
  whole.c = c;
  whole.c_stride = WIDTH;
  if (!t->first) copy_rows(c, t->c, t->c_stride, rows, columns);
  if (t->bias) {
    copy_rows(bias, t->bias, 0, 1, columns);
    whole.bias = bias;
  }
  if (t->mask) {
    copy_rows(mask, t->mask, t->mask_stride, rows, columns);
    whole.mask = mask;
    whole.mask_stride = WIDTH;
  }
  compute_tile(&whole, rows, columns <= LANES, transpose_a);
  for (ptrdiff_t i = 0; i < rows; i++) copy(t->c + i * t->c_stride, c + i * WIDTH, columns);
}

/** Transposes four rows of four floats, `stride` apart, to rows WIDTH apart. */
INLINE void transpose_fours(float *to, const float *from, ptrdiff_t stride) {
  const Four r0 = *(const Four *)from, r1 = *(const Four *)(from + stride);
  const Four r2 = *(const Four *)(from + 2 * stride), r3 = *(const Four *)(from + 3 * stride);
  const Four low01 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5), high01 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
  const Four low23 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5), high23 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
  *(Four *)to = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
  *(Four *)(to + WIDTH) = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
  *(Four *)(to + 2 * WIDTH) = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
  *(Four *)(to + 3 * WIDTH) = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
}

/** Copies k rows of up to WIDTH columns of B to rows WIDTH apart, with zeros in columns that B lacks. */
static void copy_panel(float *to, const float *b, ptrdiff_t stride, int transpose_b, ptrdiff_t k, ptrdiff_t columns) {
  if (!transpose_b) {
    copy_rows(to, b, stride, k, columns);
    return;
  }
  if (columns < WIDTH) {
    for (ptrdiff_t i = 0; i < k * WIDTH; i += LANES) store(to + i, (Vector){0});
  }
  ptrdiff_t column = 0;
  for (; column + 4 <= columns; column += 4) {
    const float *from = b + column * stride;
    ptrdiff_t i = 0;
    for (; i + 4 <= k; i += 4) transpose_fours(to + i * WIDTH + column, from + i, stride);
    for (; i < k; i++)
      for (ptrdiff_t j = 0; j < 4; j++) to[i * WIDTH + column + j] = from[j * stride + i];
  }
  for (; column < columns; column++)
    for (ptrdiff_t i = 0; i < k; i++) to[i * WIDTH + column] = b[column * stride + i];
}

/** Computes C; with `one_bias`, the bias is one number for all columns. */
static void multiply(const Product *p, int one_bias) {
  float panel[DEPTH * WIDTH] __attribute__((aligned(64)));
  float biases[WIDTH];
  if (one_bias) {
    for (ptrdiff_t j = 0; j < WIDTH; j++) biases[j] = *p->bias;
  }
  const ptrdiff_t tiles = (p->m + HEIGHT - 1) / HEIGHT;
  const ptrdiff_t low = tiles ? p->m / tiles : 0, higher = tiles ? p->m % tiles : 0;
  for (ptrdiff_t k = 0; k < p->k; k += DEPTH) {
    const ptrdiff_t depth = p->k - k < DEPTH ? p->k - k : DEPTH;
    const float *a = p->transpose_a ? p->a + k * p->a_stride : p->a + k;
    ptrdiff_t a_stride = p->a_stride;
    if (p->scratch) {
      for (ptrdiff_t row = 0; row < p->m; row++) copy(p->scratch + row * SCRATCH_STRIDE, a + row * a_stride, depth);
      a = p->scratch;
      a_stride = SCRATCH_STRIDE;
    }
    for (ptrdiff_t column = 0; column < p->n; column += WIDTH) {
      const ptrdiff_t columns = p->n - column < WIDTH ? p->n - column : WIDTH;
      const float *b = p->transpose_b ? p->b + column * p->b_stride + k : p->b + k * p->b_stride + column;
      ptrdiff_t b_stride = p->b_stride;
      if (p->transpose_b || columns < WIDTH || p->m > FEW_ROWS) {
        copy_panel(panel, b, b_stride, p->transpose_b, depth, columns);
        b = panel;
        b_stride = WIDTH;
      }
      Tile tile = {
          .a = a,
          .b = b,
          .c = p->c + column,
          .bias = one_bias ? biases : p->bias ? p->bias + column : NULL,
          .mask = p->mask ? p->mask + column : NULL,
          .a_stride = a_stride,
          .b_stride = b_stride,
          .c_stride = p->c_stride,
          .mask_stride = p->mask_stride,
          .k = depth,
          .first = k == 0,
          .last = k + depth == p->k,
          .relu = p->relu,
      };
      for (ptrdiff_t i = 0; i < tiles; i++) {
        // Tiles of nearly the same height: a last one of few rows would take as long as one of many.
        const ptrdiff_t height = low + (i < higher);
        if (columns == WIDTH || columns == LANES) compute_tile(&tile, height, columns == LANES, p->transpose_a);
        else compute_narrow_tile(&tile, height, columns, p->transpose_a);
        tile.a += p->transpose_a ? height : height * a_stride;
        tile.c += height * p->c_stride;
        if (tile.mask) tile.mask += height * p->mask_stride;
      }
    }
  }
}

void MULTIPLY(const Product *p) {
  const int is_row_as_stored = p->n == 1 && p->c_stride == 1 && (!p->mask || p->mask_stride == 1);
  if (!is_row_as_stored) {
    multiply(p, 0);
    return;
  }
  // A column would take one lane of each vector. Its transpose, which lies no differently, takes all: C' = B' A'.
  Product turned = *p;
  turned.m = 1;
  turned.n = p->m;
  turned.a = p->b;
  turned.a_stride = p->b_stride;
  turned.transpose_a = !p->transpose_b;
  turned.b = p->a;
  turned.b_stride = p->a_stride;
  turned.transpose_b = !p->transpose_a;
  turned.scratch = NULL;
  multiply(&turned, p->bias != NULL);
}
