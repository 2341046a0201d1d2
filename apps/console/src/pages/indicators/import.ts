import { operations } from '@vedette/client/rest'
import { rest } from '../../api/api.ts'

type Input = Parameters<typeof operations.importIndicators>[0]['body']
export type ImportRequest = Readonly<
  Pick<Input, 'content'> & Required<Pick<Input, 'source' | 'mode' | 'dry_run' | 'leave_out_suspects'>>
>
/** What an import did or, in a dry run, would do. */
export type ImportAnswer = operations.ImportedIndicators

/**
 * Sends a file's text to the server, which reads it.
 *
 * @throws {ApiError} with the server's words where it refuses
 */
export function importIndicators(body: ImportRequest): Promise<ImportAnswer> {
  return rest((to) => operations.importIndicators({ body }, to))
}
