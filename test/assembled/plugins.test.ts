import { runTogether } from './run-together.ts'

await runTogether('test/{plugins,server}/**/!(pages|tracing).test.ts')
