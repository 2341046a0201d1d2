import { expect, test } from 'vitest'
import { blindSpots } from './blind-spots.ts'
import { ebpfSchema } from './config.ts'

const codes = (machine: string) =>
  blindSpots(ebpfSchema.parse({}), [], false, [], machine).map(({ code }) => code)

test('the calls of 32-bit programs are known on x86-64 alone, and elsewhere that is said', () => {
  expect(codes('x64')).not.toContain('32-bit-programs')
  expect(codes('arm64')).toContain('32-bit-programs')
})

test('where calls are watched by name, those of the other table are not from the start', () => {
  expect(codes('x64')).toContain('32-bit-calls')
  expect(blindSpots(ebpfSchema.parse({ watch_every_call: true }), [], false, [], 'x64')).not.toContainEqual(
    expect.objectContaining({ code: '32-bit-calls' }),
  )
})

test('what is configured and what was found is said', () => {
  const spots = blindSpots(ebpfSchema.parse({ network: false }), ['/secret'], true)
  expect(spots.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['network-off', 'watch-unreadable', 'watch-full']),
  )
  expect(spots.find(({ code }) => code === 'watch-unreadable')?.message).toContain('/secret')
})

test('kinds that are being lost are named, those that look for a file as files', () => {
  const spots = blindSpots(ebpfSchema.parse({}), [], false, ['path', 'file', 'dns'])
  expect(spots.find(({ code }) => code === 'overload')?.message).toMatch(/: file, dns$/)
  expect(blindSpots(ebpfSchema.parse({}), [], false).map(({ code }) => code)).not.toContain('overload')
})
