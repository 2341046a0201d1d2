import type { Account } from '@vedette/store'
import { PublicError } from '../../access/public-error.ts'
import {
  newRecoveryCodes,
  newSecondFactor,
  recoveryCodeHash,
  secondFactorUri,
  stepOfCode,
} from '../../access/second-factor.ts'
import type { Route } from '../../http/route.ts'
import type { Services } from '../../services.ts'
import { done } from '../forms.ts'
import { restRoute } from '../rest-route.ts'
import { beginSchema, begunSchema, confirmedSchema, confirmSchema, removeSchema } from './forms.ts'
import { confirmed, personOf } from './person.ts'

/** Whether a code is the one of now, not used before, or a recovery code, which is used up by it. */
export async function passesSecondFactor(
  { state, clock }: Services,
  { tenant, id }: Account,
  code: string,
): Promise<boolean> {
  const { secondFactors } = state.of(tenant)
  const factor = await secondFactors.get(id)
  if (!factor?.confirmed) return false
  const step = stepOfCode(factor.secret, code, clock.now())
  if (step !== undefined) return secondFactors.use(id, step)
  return secondFactors.useRecovery(id, recoveryCodeHash(code))
}

const begin = restRoute({
  method: 'POST',
  url: '/auth/second-factor/begin',
  id: 'beginSecondFactor',
  tag: 'auth',
  summary: 'Makes a secret for an authenticator app. It counts once a code of it was typed.',
  body: beginSchema,
  answer: begunSchema,
  async handle(passed) {
    const { services, body } = passed
    const person = personOf(passed)
    const account = await confirmed(services, person, body.password)
    const secret = newSecondFactor()
    const { secondFactors } = services.state.of(account.tenant)
    if (!(await secondFactors.begin(account.id, secret, services.clock.now()))) {
      throw new PublicError('bad-input', 'There is a second factor already; remove that one first')
    }
    return { secret, uri: secondFactorUri(secret, account.name) }
  },
})

const confirm = restRoute({
  method: 'POST',
  url: '/auth/second-factor/confirm',
  id: 'confirmSecondFactor',
  tag: 'auth',
  summary: 'Puts the second factor in force; tells recovery codes once.',
  body: confirmSchema,
  answer: confirmedSchema,
  async handle(passed) {
    const { services, body } = passed
    const { organisation, id, name } = personOf(passed)
    services.limits.account.require(name.toLowerCase())
    const { code } = body
    const { secondFactors } = services.state.of(organisation)
    const factor = await secondFactors.get(id)
    const step =
      factor && !factor.confirmed ? stepOfCode(factor.secret, code, services.clock.now()) : undefined
    if (step === undefined) throw new PublicError('second-factor-refused', 'This is not the code of now')
    const codes = newRecoveryCodes()
    const act = { actor: name, action: 'second-factor.add', target: `account ${name}`, detail: {} }
    await services.audited.act(act, () =>
      secondFactors.confirm(id, step, codes.map(recoveryCodeHash), services.clock.now()),
    )
    return { recovery_codes: codes }
  },
})

const remove = restRoute({
  method: 'POST',
  url: '/auth/second-factor/remove',
  id: 'removeSecondFactor',
  tag: 'auth',
  summary: 'Takes the second factor away.',
  body: removeSchema,
  answer: done,
  async handle(passed) {
    const { services, body } = passed
    const { password, code } = body
    const account = await confirmed(services, personOf(passed), password)
    if (!(await passesSecondFactor(services, account, code))) {
      throw new PublicError('second-factor-refused', 'This code is wrong or was used already')
    }
    const { tenant, id, name } = account
    const act = { actor: name, action: 'second-factor.remove', target: `account ${name}`, detail: {} }
    await services.audited.act(act, () => services.state.of(tenant).secondFactors.remove(id))
    return {}
  },
})

export const secondFactorRoutes: readonly Route[] = [begin, confirm, remove]
