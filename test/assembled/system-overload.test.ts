import { runTogether } from './run-together.ts'

await runTogether('test/system/{adaptive,deadlines,forecast,payload-text,poison,recorded-arrivals,rules,sampling,shedding,smooth-shedding,workers-needed}.test.ts')
