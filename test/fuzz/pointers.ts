import { isTokenError } from '@tokenflight/core'
import fc from 'fast-check'
import { objectAt, parsePointer, withObjectAt } from '../../packages/store-file/src/pointer.ts'
import { foreign, name } from './arbitraries.ts'
import { holds, type Target } from './target.ts'

const escaped = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1')

export const pointers: Target = {
  name: 'JSON pointers',
  property: fc.asyncProperty(
    fc.array(name, { maxLength: 5 }),
    fc.string(),
    foreign,
    foreign,
    async (names, text, root, value) => {
      const pointer = names.map((each) => `/${escaped(each)}`).join('')
      holds(JSON.stringify(parsePointer(pointer)) === JSON.stringify(names), `${pointer} was read as something else`)

      const before = JSON.stringify(root)
      const placed = withObjectAt(root, names, value)
      holds(JSON.stringify(root) === before, 'the document itself was changed')
      if (placed === 'misplaced')
        holds(objectAt(root, names) === 'misplaced' || names.length > 1, `${pointer} has a place`)
      else {
        holds(
          JSON.stringify(objectAt(placed, names)) === JSON.stringify(value),
          `what was put at ${pointer} is not there`,
        )
        for (const [key, each] of Object.entries(root))
          if (names.length > 0 && key !== names[0])
            holds(
              JSON.stringify(Object.getOwnPropertyDescriptor(placed, key)?.value) === JSON.stringify(each),
              `${key} is gone`,
            )
      }
      holds(Reflect.get({}, 'theme') === undefined, 'the prototype of all objects was changed')

      try {
        const read = parsePointer(text)
        holds(read.map((each) => `/${escaped(each)}`).join('') === text, `${text} was read as ${JSON.stringify(read)}`)
      } catch (error) {
        holds(isTokenError(error) && error.code === 'invalid_option', `it threw ${String(error)}`)
      }
    },
  ),
}
