import { ConfigError, parseConfig } from '@vedette/base'
import { describe, expect, test } from 'vitest'
import { responseSchema } from './config.ts'
import { decide } from './decide.ts'

describe('the section response', () => {
  test('does nothing by itself unless it is told to', () => {
    expect(responseSchema.parse({})).toMatchObject({
      enabled: true,
      enable_kill: false,
      mode: { freeze: 'dry_run', kill: 'dry_run' },
      warn_threshold: 60,
      freeze_threshold: 80,
      isolate_threshold: 90,
      kill_threshold: 95,
    })
  })

  test.each([
    [{ freeze_threshold: 50 }, 'warn <= freeze <= isolate <= kill'],
    [{ kill_threshold: 101 }, 'kill_threshold: 101'],
    [{ never_touch: ['sshd'] }, 'never_touch.0: "sshd"'],
    [{ mode: { freeze: 'always' } }, 'mode.freeze: "always"'],
    [{ enable_kil: true }, 'enable_kil: is not a known key'],
  ])('%j is refused with its place', (config, text) => {
    expect(() => parseConfig(responseSchema, config, 'test')).toThrow(ConfigError)
    expect(() => parseConfig(responseSchema, config, 'test')).toThrow(text)
  })
})

describe('decide()', () => {
  const config = responseSchema.parse({ enable_kill: true, mode: { freeze: 'ask', kill: 'automatic' } })
  test.each([
    [59.9, undefined],
    [60, { action: 'warn', mode: 'automatic' }],
    [80, { action: 'freeze', mode: 'ask' }],
    [94.9, { action: 'freeze', mode: 'ask' }],
    [95, { action: 'kill', mode: 'automatic' }],
  ])('a risk of %d calls for %j', (risk, decision) => {
    expect(decide(risk, config)).toEqual(decision)
  })

  test('with killing switched off the worst is frozen, and with all switched off somebody is told', () => {
    expect(decide(100, responseSchema.parse({}))).toEqual({ action: 'freeze', mode: 'dry_run' })
    expect(decide(100, responseSchema.parse({ enabled: false }))).toEqual({
      action: 'warn',
      mode: 'automatic',
    })
  })
})
