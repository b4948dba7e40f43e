import { describe, expect, test } from 'vitest'
import { loadingFlags } from '../src/demo/loading-flags.ts'

describe('the flags of Node that a caller process inherits', () => {
  test('what modules are found and loaded with goes along, in every way to write it', () => {
    const flags = [
      '--conditions=@tokenflight/source',
      '--import',
      'file:///hooks.js',
      '-C',
      'development',
      '-r',
      './x.cjs',
    ]
    expect(loadingFlags([...flags, '--experimental-strip-types', '--no-experimental-webstorage'])).toEqual([
      ...flags,
      '--experimental-strip-types',
      '--no-experimental-webstorage',
    ])
  })

  test.each([
    [['-e', 'main()']],
    [['--eval=main()']],
    [['-p', 'main()']],
    [['--print', 'main()']],
    [['-pe', 'main()']],
    [['--input-type=module', '--eval', 'main()']],
    [['--watch', '--test', '--inspect-brk=0', '--check']],
  ])('%j does not: a child would run the calling program again, and its children too', (execArgv) => {
    expect(loadingFlags(execArgv)).toEqual([])
    expect(loadingFlags(['--import=a', ...execArgv, '--import=b'])).toEqual(['--import=a', '--import=b'])
  })
})
