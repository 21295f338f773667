/** What a run may be called: these letters are allowed in every name that a broker knows. */
export const RUN_NAME = /^[\w-]{1,64}$/

/** The prefix of the streams of runs. */
export const STREAM_PREFIX = 'SAC_'

/** What belongs to a run on a broker. */
export const runNames = (run: string) => ({
  stream: `${STREAM_PREFIX}${run}`,
  bucket: `sac_${run}`,
  subjects: `sac.${run}.exp.*`,
  experience: (actor: string) => `sac.${run}.exp.${actor}`,
})
