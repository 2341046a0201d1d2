import { indicatorTypes, tlps } from '@vedette/model'
import { expect, test } from 'vitest'
import { tlpChoices, typeChoices } from './choices.ts'

test('the choices are those of the model', () => {
  expect(typeChoices).toEqual(indicatorTypes)
  expect(tlpChoices).toEqual(tlps)
})
