import { describe, expect, test } from 'vitest'
import { folderOf, isRotationOf } from './paths.ts'

describe('isRotationOf()', () => {
  test.each([
    'auth.log.1',
    'auth.log.12',
    'auth.log-20260101',
    'auth-20260101.log',
    'auth.1.log',
    'auth.log.old',
  ])('%s comes of auth.log', (name) => {
    expect(isRotationOf('/var/log/auth.log', `/var/log/${name}`)).toBe(true)
  })

  test.each([
    'auth.log.2.gz',
    'auth.err.log',
    'auth.log.conf',
    'authority.log',
    'auth.log',
    'auth.log.1.swp',
  ])('%s does not', (name) => {
    expect(isRotationOf('/var/log/auth.log', `/var/log/${name}`)).toBe(false)
  })

  test('of a name without an ending', () => {
    expect(isRotationOf('/var/log/syslog', '/var/log/syslog.1')).toBe(true)
    expect(isRotationOf('/var/log/syslog', '/var/log/syslog-ng')).toBe(false)
  })
})

test.each([
  ['/var/log/auth.log', '/var/log'],
  ['/var/log/*.log', '/var/log'],
  ['/srv/*/log/x', '/srv'],
])('folderOf(%s) is %s', (pattern, folder) => {
  expect(folderOf(pattern)).toBe(folder)
})
