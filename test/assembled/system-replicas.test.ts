import { runTogether } from './run-together.ts'

await runTogether('test/system/{bytes,event-fields,fleet,namespaces,one-policy-file,settings*}.test.ts')
