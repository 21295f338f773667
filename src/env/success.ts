/** Names under which environments say whether the goal is reached: that of Gymnasium-Robotics, and that of others. */
const NAMES = ['is_success', 'success'] as const

/**
 * Whether a step's info says that the goal is reached: `is_success`, else `success`, as true or false or as 1 or 0;
 * undefined if it says neither.
 */
export function successOf(info: Record<string, unknown> | undefined): boolean | undefined {
  const name = NAMES.find(candidate => info?.[candidate] !== undefined)
  const value = name && info?.[name]
  if (value === true || value === 1) return true
  return value === false || value === 0 ? false : undefined
}
