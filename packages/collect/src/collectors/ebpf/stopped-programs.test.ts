import { expect, test } from 'vitest'
import { StoppedPrograms } from './stopped-programs.ts'

test('programs that see nothing of what is made have stopped', () => {
  let [seen, made] = [10, 100]
  const look = new StoppedPrograms({ seen: () => seen, made: () => made })
  expect(look.look()).toBe(false)
  made += 50
  seen += 50
  expect(look.look()).toBe(false)
  // A quiet machine.
  expect(look.look()).toBe(false)
  made += 2
  expect(look.look()).toBe(false)
  made += 1
  expect(look.look()).toBe(true)
  seen += 1
  expect(look.look()).toBe(false)
})

test('what is made between the two numbers is no sign of it', () => {
  let seen = 0
  let made = 0
  const look = new StoppedPrograms({
    seen: () => seen,
    made: () => {
      made += 10
      seen += 10
      return made
    },
  })
  for (let turn = 0; turn < 5; turn += 1) expect(look.look()).toBe(false)
})
