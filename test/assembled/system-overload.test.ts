import { runTogether } from './run-together.ts'

await runTogether('test/system/{payload-text,poison,rules,shedding,workers-needed}.test.ts')
