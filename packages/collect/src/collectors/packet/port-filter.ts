import type { FilterInstruction } from '@vedette/linux'

/** Operation codes of classic BPF (linux/bpf_common.h). */
const LOAD_WORD = 0x20
const LOAD_HALF = 0x28
const LOAD_BYTE = 0x30
const LOAD_HALF_BEHIND_X = 0x48
/** X becomes 4 times the lower half of a byte: the length of an IPv4 header. */
const LOAD_X_HEADER_LENGTH = 0xb1
const JUMP = 0x05
const JUMP_EQUAL = 0x15
const JUMP_ANY_BIT = 0x45
const RETURN = 0x06
/** Places that are not in the packet (linux/filter.h): what the kernel takes it for, and where its network layer begins. */
const PROTOCOL = 0xfffff000
const NETWORK = 0xfff00000
const ALL_OF_IT = 0x40000

type Where = 'next' | 'ipv4' | 'ipv6' | 'keep' | 'drop'

interface Step {
  readonly code: number
  readonly constant: number
  readonly ifTrue?: Where
  readonly ifFalse?: Where
  readonly label?: Where
}

/** Drops TCP and UDP from and to these ports before they are copied; keeps all else, such as later fragments. */
export function withoutPorts(ports: readonly number[]): readonly FilterInstruction[] {
  const eitherPort = (load: number, at: number): Step[] =>
    [at, at + 2].flatMap((constant) => [
      { code: load, constant },
      ...ports.map((port): Step => ({ code: JUMP_EQUAL, constant: port, ifTrue: 'drop' })),
    ])
  const isTcpOrUdp = (at: number): Step[] => [
    { code: LOAD_BYTE, constant: at },
    // Over the next one.
    { code: JUMP_EQUAL, constant: 6, ifTrue: 'next' },
    { code: JUMP_EQUAL, constant: 17, ifFalse: 'keep' },
  ]
  const steps: Step[] = [
    { code: LOAD_WORD, constant: PROTOCOL },
    { code: JUMP_EQUAL, constant: 0x0800, ifTrue: 'ipv4' },
    { code: JUMP_EQUAL, constant: 0x86dd, ifTrue: 'ipv6', ifFalse: 'keep' },
    ...labelled('ipv4', isTcpOrUdp(NETWORK + 9)),
    { code: LOAD_HALF, constant: NETWORK + 6 },
    { code: JUMP_ANY_BIT, constant: 0x1fff, ifTrue: 'keep' },
    { code: LOAD_X_HEADER_LENGTH, constant: NETWORK },
    ...eitherPort(LOAD_HALF_BEHIND_X, NETWORK),
    { code: JUMP, constant: 0, ifTrue: 'keep' },
    ...labelled('ipv6', isTcpOrUdp(NETWORK + 6)),
    ...eitherPort(LOAD_HALF, NETWORK + 40),
    { code: RETURN, constant: ALL_OF_IT, label: 'keep' },
    { code: RETURN, constant: 0, label: 'drop' },
  ]
  const placeOf = (label: Where) => steps.findIndex((step) => step.label === label)
  return steps.map(({ code, constant, ifTrue, ifFalse }, at) => {
    const jump = (where: Where | undefined) =>
      where === undefined ? 0 : where === 'next' ? 1 : placeOf(where) - at - 1
    // A jump that asks nothing has its distance where the others have what they compare with.
    return code === JUMP ? [code, 0, 0, jump(ifTrue)] : [code, jump(ifTrue), jump(ifFalse), constant]
  })
}

function labelled(label: Where, [first, ...rest]: readonly Step[]): Step[] {
  return first === undefined ? [] : [{ ...first, label }, ...rest]
}
