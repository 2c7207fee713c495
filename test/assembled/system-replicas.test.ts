import { runTogether } from './run-together.ts'

await runTogether('test/system/{agreement,bytes,fleet,namespaces,one-policy-file,settings*,statements}.test.ts')
