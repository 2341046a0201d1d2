import { join } from 'node:path'
import { contentDirectory } from '@vedette/manager/hunt'

/** The rules that come with Vedette. */
export const builtInRules = join(contentDirectory, 'rules')
