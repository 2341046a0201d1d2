import type { ConfigSection } from './section.ts'

/** The sections of the pipeline's parts. Who starts the house adds its own, such as the server's `api`. */
export const pipelineSections: readonly ConfigSection[] = []
