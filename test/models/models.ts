/** A model as it is checked: the protocol, or one that is broken by a switch. */
export interface Model {
  file: 'claim.pml' | 'file.pml'
  /** For people. */
  name: string
  /** For the preprocessor, e.g. `['EXPIRY', 'N=2']`. */
  switches: readonly string[]
  /** Whether the checker must find a way to break it. */
  broken: boolean
}

type Check = readonly [name: string, ...switches: string[]]

const of = (file: Model['file'], broken: boolean, ...checks: Check[]): Model[] =>
  checks.map(([name, ...switches]) => ({ file, name, switches, broken }))

export const models: readonly Model[] = [
  ...of(
    'claim.pml',
    false,
    ['two processes', 'N=2'],
    ['two processes, both may be killed', 'N=2', 'CRASHES=2'],
    ['two processes, deaths cannot be proven', 'N=2', 'EXPIRY'],
    ['three processes, no answer is lost', 'LOSSES=0'],
  ),
  ...of(
    'claim.pml',
    true,
    ['no claim before the request', 'NO_CLAIM'],
    ['no second look', 'NO_SECOND_LOOK'],
    ['the claim is set without comparing', 'BLIND_SET'],
    ['the outcome is set without comparing', 'BLIND_KEEP'],
    ['who was stopped presents without looking', 'EXPIRY', 'NO_FENCE'],
  ),
  ...of('file.pml', false, ['two processes, two updates each', 'N=2', 'K=2', 'TRIES=4']),
  ...of(
    'file.pml',
    true,
    ['a lock that is removed when it looks old', 'MTIME_LOCK'],
    ['it is moved aside and back', 'RENAME_BACK'],
    ['publishing does not check the owner', 'NO_FENCE'],
    ['no comparison inside', 'NO_COMPARE'],
    ['written in place', 'IN_PLACE'],
  ),
]

/** Millions of states; with `--all`. */
export const largeModels: readonly Model[] = [
  ...of('claim.pml', false, ['three processes']),
  ...of('file.pml', false, ['three processes']),
]
