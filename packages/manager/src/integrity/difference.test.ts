import type { FileFacts } from '@vedette/model'
import { expect, test } from 'vitest'
import { differingFacts, givesRights } from './difference.ts'

const facts: FileFacts = {
  type: 'file',
  size: 1,
  mode: '0755',
  uid: 0,
  gid: 0,
  owner: 'root',
  modified_time: 1,
  sha256: 'a',
}

test('the time alone makes no difference, and comes last where there is one', () => {
  expect(differingFacts(facts, { ...facts })).toEqual([])
  expect(differingFacts(facts, { ...facts, modified_time: 2, owner: 'toor' })).toEqual([])
  expect(differingFacts(facts, { ...facts, modified_time: 2, sha256: 'b', size: 2 })).toEqual([
    'size',
    'sha256',
    'modified_time',
  ])
  expect(differingFacts(facts, { ...facts, capabilities: 'cap_net_raw=ep' })).toEqual(['capabilities'])
})

test('givesRights() by setuid, setgid and capabilities of plain files', () => {
  expect([facts, { ...facts, mode: '4755' }, { ...facts, mode: '2755' }].map(givesRights)).toEqual([
    false,
    true,
    true,
  ])
  expect(givesRights({ ...facts, capabilities: 'cap_net_raw=ep' })).toBe(true)
  expect(givesRights({ ...facts, type: 'folder', mode: '2775' })).toBe(false)
})
