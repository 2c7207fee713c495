import { runTogether } from './run-together.ts'

await runTogether('test/{dashboard/*,plugins/pages}.test.ts')
