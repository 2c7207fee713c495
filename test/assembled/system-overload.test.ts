import { runTogether } from './run-together.ts'

await runTogether('test/system/{adaptive,payload-text,poison,rules,shedding,smooth-shedding,workers-needed}.test.ts')
