import { eventKinds, severities } from '@vedette/model'
import { roles } from '@vedette/store'
import { expect, test } from 'vitest'
import { eventKindChoices, roleChoices, severityChoices } from './choices.ts'

test('choices of options are those of the model', () => {
  expect(severityChoices).toEqual(severities)
  expect(eventKindChoices).toEqual(eventKinds)
  expect(roleChoices).toEqual(roles)
})
