/**
 * The matrix product C [m, n] = op(A) op(B), with bias, ReLU and mask, of 32-bit floats.
 *
 * Whatever computes it, an element of C is the sum over k = 0, 1, 2, ... in this order, started from zero, with one
 * fused multiply-add a term; then the bias is added. So every instruction set gives the same bits, however a
 * product is cut into tiles or its rows are shared among threads.
 */
#ifndef PRODUCT_H
#define PRODUCT_H

#include <stddef.h>

typedef struct {
  /** Whether A [m, k] is stored as [k, m], and B [k, n] as [n, k]. */
  int transpose_a, transpose_b;
  /** Whether negative sums, bias included, become zero. */
  int relu;
  ptrdiff_t m, n, k;
  /** Distances between rows as stored, in floats. */
  ptrdiff_t a_stride, b_stride, c_stride, mask_stride;
  const float *a, *b;
  /** Must overlap none of the others. */
  float *c;
  /** n floats that are added to every row, or NULL. */
  const float *bias;
  /** A matrix like C, or NULL: where it is not positive, C becomes zero (the derivative of a ReLU). */
  const float *mask;
  /**
   * NULL, or SCRATCH_STRIDE floats for each row, not in use elsewhere; for A that is not transposed. A's rows are
   * copied there first. It pays where they are far apart: they fall into the same few sets of the caches, and each
   * on a memory page of its own.
   */
  float *scratch;
} Product;

/** Floats from one copied row to the next: a block of terms, and a cache line that keeps rows out of the same sets. */
#define SCRATCH_STRIDE 272

typedef struct {
  const char *name;
  void (*multiply)(const Product *product);
} InstructionSet;

/** The instruction sets with fused multiply-add that this processor has, best first; returns how many. */
size_t instruction_sets(InstructionSet found[2]);

#endif
