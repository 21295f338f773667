import type { Tensor } from '../../tensor.ts'
import { matrixShape } from './kernels.ts'

/**
 * Whether whole rows of a tensor are zero wherever a choice between columns was for another one: what the derivative of
 * a minimum sends back to one of its operands, and everything that is made of it row by row.
 */
export function hasZeroRows(tensor: Tensor): boolean {
  const { operation, inputs, shape, attributes } = tensor
  const [x, y] = inputs
  const rows = matrixShape(shape)[0]
  const keepsRows = (operand: Tensor) => matrixShape(operand.shape)[0] === rows && hasZeroRows(operand)
  switch (operation) {
    case 'isAtMost':
      return rows > 1 && matrixShape(shape)[1] === 1
    case 'mul':
      return keepsRows(x) || keepsRows(y)
    case 'sub':
      // d - d choice, the share of the other operand.
      return y.operation === 'mul' && y.inputs[0] === x && keepsRows(y.inputs[1])
    case 'neg':
      return hasZeroRows(x)
    case 'matmul':
      return !attributes.transposeA && inputs.length === 2 && hasZeroRows(x)
    default:
      return false
  }
}
