/** Which of the compiled instruction sets this processor has. */
#include "product.h"

#if defined(__x86_64__)
#include <cpuid.h>

void multiply_avx2(const Product *product);
void multiply_avx512(const Product *product);

static unsigned saved_registers(void) {
  unsigned low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

static int all(unsigned bits, unsigned wanted) { return (bits & wanted) == wanted; }

/**
 * An instruction set counts if the processor has it and the operating system saves its registers. (macOS turns
 * AVX-512 on only when a process first uses it, so there it is never seen and AVX2 serves.)
 */
size_t instruction_sets(InstructionSet found[2]) {
  const unsigned fma = 1u << 12, osxsave = 1u << 27, avx = 1u << 28;
  const unsigned bmi1 = 1u << 3, avx2 = 1u << 5, bmi2 = 1u << 8;
  const unsigned avx512 = 1u << 16 /* F */ | 1u << 17 /* DQ */ | 1u << 28 /* CD */ | 1u << 30 /* BW */ | 1u << 31 /* VL */;
  unsigned a, b, c, d;
  size_t count = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !all(c, fma | osxsave | avx) || !all(saved_registers(), 0x6)) return 0;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !all(b, bmi1 | avx2 | bmi2)) return 0;
  if (all(b, avx512) && all(saved_registers(), 0xe6)) found[count++] = (InstructionSet){"AVX-512", multiply_avx512};
  found[count++] = (InstructionSet){"AVX2", multiply_avx2};
  return count;
}

#elif defined(__aarch64__)

void multiply_neon(const Product *product);

/** Every 64-bit Arm processor has it. */
size_t instruction_sets(InstructionSet found[2]) {
  found[0] = (InstructionSet){"NEON", multiply_neon};
  return 1;
}

#else
#error "No kernel for this architecture: see multiply.c"
#endif
