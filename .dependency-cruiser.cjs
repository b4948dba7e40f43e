/** The arrows of the house: adapters and stores point at core, core at nothing, cli and testing may see all of them. */
const adapters = 'fetch|axios|got|ky'
const stores = 'store-file|store-redis|store-postgres|store-web'

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'not-to-unresolvable',
      comment: 'an import that resolves to nothing is not one of the declared dependencies',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'core-imports-nothing',
      severity: 'error',
      from: { path: '^packages/core/src' },
      to: { pathNot: '^packages/core/src' },
    },
    {
      name: 'adapters-know-core-and-their-client',
      severity: 'error',
      from: { path: `^packages/(${adapters})/src` },
      to: { path: '^packages/(?!core/|$1/)', pathNot: '^packages/fetch/' },
    },
    {
      name: 'only-ky-is-built-on-fetch',
      comment: "ky's hook is its fetch option",
      severity: 'error',
      from: { path: '^packages/(axios|got)/src' },
      to: { path: '^packages/fetch/' },
    },
    {
      name: 'stores-know-core',
      severity: 'error',
      from: { path: `^packages/(${stores})/src` },
      to: { path: '^packages/(?!core/|$1/)' },
    },
    {
      name: 'opentelemetry-knows-core',
      severity: 'error',
      from: { path: '^packages/opentelemetry/src' },
      to: { path: '^packages/(?!core/|opentelemetry/)' },
    },
    {
      name: 'oauth-knows-core',
      severity: 'error',
      from: { path: '^packages/oauth/src' },
      to: { path: '^packages/(?!core/|oauth/)' },
    },
    {
      name: 'nothing-points-back',
      comment: 'the command line and the testing package may know everybody; nobody whom applications load knows them',
      severity: 'error',
      from: { path: '^packages/(?!cli/|testing/|tokenflight/)[^/]+/src' },
      to: { path: '^packages/(cli|testing|tokenflight)/src' },
    },
    {
      name: 'runs-anywhere',
      comment: 'core, oauth, the fetch adapter and telemetry run in browsers and workers: no node: import',
      severity: 'error',
      from: { path: '^packages/(core|oauth|fetch|opentelemetry)/src' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'only-refresh-knows-stores-and-grants',
      comment: 'adapters hold access tokens only: the record, with its refresh token, stays inside core and the stores',
      severity: 'error',
      from: { path: `^packages/(${adapters})/src` },
      to: { path: '^packages/core/src/(token-store|memory-store|refresh|keep|grant)' },
    },
  ],
  options: {
    tsConfig: { fileName: 'test/tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|\\.tsc|node_modules)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@tokenflight/source', 'import', 'types', 'node'],
      extensions: ['.ts', '.js', '.d.ts'],
    },
  },
}
