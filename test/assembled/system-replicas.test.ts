import { runTogether } from './run-together.ts'

await runTogether('test/system/{bytes,fleet,namespaces,one-policy-file,settings*,statements}.test.ts')
