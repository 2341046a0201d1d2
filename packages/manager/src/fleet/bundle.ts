import { createHash } from 'node:crypto'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { MAX_CONTENT_BYTES } from '@vedette/model'
import { z } from 'zod'

/** Most bytes of all files of a bundle together. */
const MAX_PLAIN_BYTES = 32 << 20
const MAX_FILES = 2000

/** Names of letters, digits and `._-`, one below the other; never up, never from the top. */
const pathSchema = z
  .string()
  .max(255)
  .regex(
    /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*\/)*[A-Za-z0-9_][A-Za-z0-9_.-]*\.yara?$/,
    'expected a relative path to a .yar or .yara file, of letters, digits and ._-',
  )

const bundleSchema = z.strictObject({
  format: z.literal(1),
  files: z
    .array(z.strictObject({ path: pathSchema, text: z.string().max(8 << 20) }))
    .min(1)
    .max(MAX_FILES)
    .refine(
      (files) => new Set(files.map(({ path }) => path)).size === files.length,
      'a path stands in it twice',
    ),
})

export type ContentFile = z.output<typeof bundleSchema>['files'][number]

/**
 * Packs files for agents: JSON, compressed by Zstandard (RFC 8878). The same files give the same bytes.
 *
 * @throws {RangeError} too many or too large; {SyntaxError} a path that is none
 */
export function packBundle(files: readonly ContentFile[]): {
  readonly bytes: Buffer
  readonly sha256: string
} {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1))
  const parsed = bundleSchema.safeParse({ format: 1, files: sorted })
  if (!parsed.success) throw new SyntaxError(`Cannot pack the files: ${reasonOf(parsed.error)}`)
  const plain = Buffer.from(JSON.stringify(parsed.data))
  if (plain.length > MAX_PLAIN_BYTES) throw new RangeError(`Cannot pack more than ${MAX_PLAIN_BYTES} bytes`)
  const bytes = zstdCompressSync(plain, { params: { [constants.ZSTD_c_compressionLevel]: 9 } })
  if (bytes.length > MAX_CONTENT_BYTES)
    throw new RangeError(`Cannot pack them into ${MAX_CONTENT_BYTES} bytes`)
  return { bytes, sha256: sha256Of(bytes) }
}

/**
 * Unpacks a bundle that is what its name says. It takes no more memory than the bound.
 *
 * @throws {SyntaxError} it is not
 */
export function unpackBundle(bytes: Buffer, sha256: string): readonly ContentFile[] {
  if (sha256Of(bytes) !== sha256)
    throw new SyntaxError('Cannot unpack the bundle: its bytes are not those that were named')
  let data: unknown
  try {
    data = JSON.parse(zstdDecompressSync(bytes, { maxOutputLength: MAX_PLAIN_BYTES }).toString('utf8'))
  } catch (error) {
    throw new SyntaxError('Cannot unpack the bundle', { cause: error })
  }
  const parsed = bundleSchema.safeParse(data)
  if (!parsed.success) throw new SyntaxError(`Cannot unpack the bundle: ${reasonOf(parsed.error)}`)
  return parsed.data.files
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function reasonOf({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong'}`.slice(0, 500)
}
