import { fileURLToPath } from 'node:url'

/** Where the YARA rules lie that come with Vedette. */
export const builtInYaraRules = fileURLToPath(new URL('../../../../../content/yara', import.meta.url))
