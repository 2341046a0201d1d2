import { CodedError } from '@vedette/base'
import type { LoadedRules } from '@vedette/detect'

/** A hunt without a single rule would find nothing, and that would look like good news. */
export function noRules({ problems }: LoadedRules): CodedError {
  const [first] = problems
  const why = first ? `: ${first.file}: ${first.message}` : ''
  return new CodedError('no-rules', `Cannot hunt: no rule was loaded${why}`)
}
