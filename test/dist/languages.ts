/** A way to write the same program: ESM, CommonJS, TypeScript for either. */
interface Language {
  suffix: string
  write(source: string): string
}

const withoutTypes = (source: string): string => source.replaceAll(': Promise<void>', '')

/** As somebody would write it who uses `require`. */
const withRequire = (source: string): string =>
  source
    .replaceAll(/^import \* as (\w+) from ('.+')$/gm, 'const $1 = require($2)')
    .replaceAll(/^import (\{.+\}) from ('.+')$/gm, 'const $1 = require($2)')
    .replaceAll(/^import (\w+) from ('.+')$/gm, 'const { default: $1 } = require($2)')

export const languages: readonly Language[] = [
  { suffix: '.mjs', write: withoutTypes },
  { suffix: '.cjs', write: (source) => withRequire(withoutTypes(source)) },
  { suffix: '.mts', write: (source) => source },
]

/** Programs of CommonJS that is written with `import`: compiled only. Before `nodenext` they cannot load a client that is ESM only. */
export const commonJs = { suffix: '.cts', beforeNodenext: ['fetch.cts', 'axios.cts'] }

const shared = { strict: true, exactOptionalPropertyTypes: true, target: 'es2023', types: ['node'], noEmit: true }
const modules = ['*.mts']

/** The `tsconfig.json` of strangers. Where nothing else is said, what our declarations say is checked as well. */
export const typeScript: readonly object[] = [
  {
    compilerOptions: { ...shared, module: 'node16', moduleResolution: 'node16', skipLibCheck: true },
    include: [...modules, ...commonJs.beforeNodenext],
  },
  {
    compilerOptions: { ...shared, module: 'nodenext', moduleResolution: 'nodenext' },
    include: [...modules, `*${commonJs.suffix}`],
  },
  {
    compilerOptions: {
      ...shared,
      module: 'esnext',
      moduleResolution: 'bundler',
      lib: ['es2023', 'dom', 'dom.iterable'],
    },
    include: modules,
  },
]
