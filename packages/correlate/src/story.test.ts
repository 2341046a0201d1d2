import { expect, test } from 'vitest'
import { storyTitle, withPrograms } from './story.ts'

test('one alert gives its own title, several tell from where to where', () => {
  expect(storyTitle('web-1', { programs: ['nginx', 'sh'] }, 1, 'sh runs id')).toBe('web-1: sh runs id')
  expect(storyTitle('web-1', { programs: ['nginx', 'sh'] }, 1, 'sh on web-1 runs id')).toBe(
    'sh on web-1 runs id',
  )
  expect(storyTitle('web-1', { programs: ['nginx', 'sh', 'bash'] }, 3, '')).toBe('web-1: from nginx to bash')
  expect(storyTitle('web-1', { programs: ['bash'] }, 2, '')).toBe('web-1: 2 alerts about bash')
  expect(storyTitle('web-1', { programs: [] }, 2, 'Many failed logins')).toBe('web-1: Many failed logins')
})

test('names stand once in a row, and of many the first and the latest are kept', () => {
  expect(withPrograms(['nginx'], ['nginx', 'sh', 'sh'])).toEqual(['nginx', 'sh'])
  const many = withPrograms(
    [],
    Array.from({ length: 40 }, (_, i) => `p${i}`),
  )
  expect(many).toHaveLength(16)
  expect([many[0], many.at(-1)]).toEqual(['p0', 'p39'])
})

test("an attacker's endless name is cut", () => {
  expect(withPrograms([], ['x'.repeat(10_000)])[0]).toHaveLength(64)
})
