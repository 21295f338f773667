const GOALS = ['achieved_goal', 'desired_goal']

/** Names of parts with the goals, if there are both, at the end, where `Env.goals` has them; the others as they are. */
export function goalsLast<Name extends string>(names: readonly Name[]): Name[] {
  const goals = GOALS.filter((name): name is Name => names.includes(name as Name))
  if (goals.length < GOALS.length) return [...names]
  return [...names.filter(name => !goals.includes(name)), ...goals]
}
