import { visible } from '@vedette/base'
import type { FileFactName, FileFacts, FileIntegrity, Process } from '@vedette/model'
import { shortText } from '../../bounded-text.ts'
import { nameOf } from '../kernel/words.ts'

/** Longest path or value within a sentence. */
const MAX_QUOTED = 300
const MAX_VALUE = 80

const NAMES: Readonly<Record<FileFactName, string>> = {
  type: 'type',
  size: 'size',
  mode: 'mode',
  uid: 'owner',
  gid: 'group',
  owner: 'owner',
  group: 'group',
  modified_time: 'time of change',
  sha256: 'content',
  unread: 'reading',
  link_target: 'target',
  capabilities: 'capabilities',
  acl: 'access list',
  xattrs: 'attributes',
  elf: 'program header',
}

/** What says little beside the others. */
const ASIDE: readonly FileFactName[] = ['size', 'modified_time', 'elf', 'owner', 'group', 'unread']

/** `sed changed /etc/passwd: content, mode 0644 to 0666`. */
export function integrityMessage(
  path: string,
  { change, changed, before, after, seen, package: owner, by_package_manager: byManager }: FileIntegrity,
  process: Process | undefined,
): string {
  const who = seen === 'rescan' ? 'somebody, while nobody watched,' : nameOf(process)
  const what = visible(shortText(path, MAX_QUOTED))
  const said = changed.filter((name) => !ASIDE.includes(name))
  const details = (said.length > 0 ? said : changed).map((name) => detail(name, before, after))
  const verb = { created: 'made', changed: 'changed', removed: 'removed' }[change]
  const how = details.length === 0 ? '' : `: ${details.join(', ')}`
  const of =
    owner === undefined
      ? ''
      : ` (of package ${visible(shortText(`${owner.name} ${owner.version}`, MAX_VALUE))}${
          byManager ? ', by the package manager' : ''
        }${owner.verified === true ? ', as it was shipped' : owner.verified === false ? ', not as it was shipped' : ''})`
  return `${who} ${verb} ${what}${how}${of}`
}

function detail(name: FileFactName, before: FileFacts | undefined, after: FileFacts | undefined): string {
  const [old, now] = [before?.[name], after?.[name]]
  if (name === 'sha256' || typeof old === 'object' || typeof now === 'object') return NAMES[name]
  const value = (given: string | number | undefined) =>
    given === undefined ? 'none' : visible(shortText(`${given}`, MAX_VALUE))
  return `${NAMES[name]} ${value(old)} to ${value(now)}`
}
