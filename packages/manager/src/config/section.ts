import type { z } from 'zod'

/** One part's section of the configuration. */
export interface ConfigSection {
  /** Its key at the top of the file. */
  readonly key: string
  /** The part's own: strict, with defaults, so that an empty section is a working one. */
  readonly schema: z.ZodType
  /** Variables of the environment that fill keys of the section. */
  readonly environment?: Readonly<Record<string, SectionVariable>>
}

/** A variable of the environment and the key that it fills. */
export interface SectionVariable {
  /** Dotted path within the section, such as `parameters.port_scan_threshold`. */
  readonly key: string
  /** Its text is a list with commas between. */
  readonly list: boolean
}
