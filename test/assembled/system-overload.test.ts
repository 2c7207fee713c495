import { runTogether } from './run-together.ts'

await runTogether('test/system/{adaptive,forecast,payload-text,poison,rules,shedding,workers-needed}.test.ts')
