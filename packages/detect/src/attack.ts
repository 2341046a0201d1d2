import type { Technique } from '@vedette/model'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'

const catalogueSchema = z.strictObject({
  /** Release of ATT&CK. */
  version: z.string(),
  source: z.string(),
  techniques: z.record(
    z.string().regex(/^T\d{4}(\.\d{3})?$/),
    z.strictObject({
      name: z.string(),
      tactics: z.array(z.string()),
      /** Present where ATT&CK no longer uses it. */
      state: z.enum(['revoked', 'deprecated']).optional(),
    }),
  ),
})

/** The techniques of one release of MITRE ATT&CK (Enterprise). */
export interface TechniqueCatalogue {
  readonly version: string
  get(id: string): (Technique & { readonly state?: 'revoked' | 'deprecated' | undefined }) | undefined
}

/**
 * Reads the catalogue `content/attack/techniques.json`.
 *
 * @throws when the file is missing or is no catalogue
 */
export async function loadTechniques(path: string): Promise<TechniqueCatalogue> {
  return parseTechniques(await readFile(path, 'utf8'))
}

/**
 * The catalogue of such a file's text.
 *
 * @param isChecked whether the same text was read before: then it is read only when it is asked for
 * @throws when it is no catalogue
 */
export function parseTechniques(text: string, isChecked = false): TechniqueCatalogue {
  let read = isChecked ? undefined : catalogueSchema.parse(JSON.parse(text))
  const catalogue = () => (read ??= JSON.parse(text) as z.output<typeof catalogueSchema>)
  return {
    get version() {
      return catalogue().version
    },
    get: (id) => {
      const { techniques } = catalogue()
      const found = Object.hasOwn(techniques, id) ? techniques[id] : undefined
      return found && { id, ...found }
    },
  }
}

/** The technique that a Sigma tag such as `attack.t1059.004` names; undefined for tags of other kinds. */
export function techniqueOfTag(tag: string, catalogue: TechniqueCatalogue): Technique | undefined {
  const found = /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag)
  if (!found?.[1]) return undefined
  const id = found[1].toUpperCase()
  const known = catalogue.get(id)
  // A technique of another release keeps its id.
  return known ? { id, name: known.name, tactics: known.tactics } : { id, name: id, tactics: [] }
}
