/**
 * An error that a person or another program meets, with a code that stays the same when the wording changes.
 * `code` is kebab-case, such as `rule-invalid`.
 */
export class CodedError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CodedError'
    this.code = code
  }
}
