import { eventKinds, severities } from '@vedette/model'
import { expect, test } from 'vitest'
import { eventKindChoices, severityChoices } from './choices.ts'

test('choices of options are those of the model', () => {
  expect(severityChoices).toEqual(severities)
  expect(eventKindChoices).toEqual(eventKinds)
})
