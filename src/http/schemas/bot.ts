// Shapes of /api/bot: a text to try, and what the bot would make of it. Names and codes are those of the chat samples.

import { z } from 'zod'
import { QUANTITY_PROBLEMS } from '../../domain/bot/quantity.ts'
import { id } from './common.ts'

export const previewBody = z
  .strictObject({
    text: z.string().max(10_000).meta({ description: 'What a customer would write.' }),
    customerId: id.optional().meta({ description: 'Answer as to this customer: name, language, orders.' }),
    context: z
      .object({
        pending: z
          .object({
            type: z.enum(['confirm', 'choice', 'qty', 'page']),
            options: z
              .number()
              .int()
              .min(1)
              .max(999)
              .optional()
              .meta({ description: 'How many there are to choose from.' }),
            about: z
              .array(z.strictObject({ sku: z.string().max(64), quantity: z.number().int().min(1).max(999).optional() }))
              .min(1)
              .max(50)
              .optional()
              .meta({
                description:
                  'What it asks about, in the order it was shown. Left out: what is asked in the customer’s chat, or else the first products of the catalogue.',
              }),
          })
          .nullish()
          .meta({ description: 'The question that is open; null: none is.' }),
      })
      .nullish()
      .meta({ description: 'Left out: as it is in your own chat with the customer.' }),
  })
  .meta({ id: 'BotPreview', example: { text: 'ORDER Gaming Laptop:1' } })

export type PreviewBody = z.infer<typeof previewBody>

const problem = z.enum(QUANTITY_PROBLEMS)

export const previewAnswer = z.object({
  intent: z.string().meta({ description: '`order`, `catalog`, `status`, `cancel`, `help`, `unknown` and so on.' }),
  outcome: z
    .enum(['place', 'confirm', 'ask', 'usage', 'too_many_lines'])
    .optional()
    .meta({ description: 'Of an order: `place` buys at once, `confirm` asks YES or NO, `ask` needs something more.' }),
  items: z
    .array(
      z.object({
        sku: z.string().nullable().meta({ description: 'Null: not known which.' }),
        qty: z.number().int().nullable().meta({ description: 'Null: not known how many.' }),
        err: problem.optional(),
        match: z.enum(['sku', 'name', 'alias', 'plural', 'words', 'fuzzy', 'ambiguous', 'suggest', 'none']),
        suggest: z.array(z.string()).optional().meta({ description: 'SKUs of what may be meant.' }),
      }),
    )
    .optional(),
  arg: z.string().optional().meta({ description: 'The page or the words after `catalog`.' }),
  order: z.number().int().optional(),
  index: z.number().int().optional(),
  qty: z.number().int().nullable().optional(),
  err: problem.optional(),
  language: z.string().meta({ description: 'In which the reply is.' }),
  reply: z.string().nullable().meta({ description: 'Null: an answer, where nothing could have been asked about.' }),
})
