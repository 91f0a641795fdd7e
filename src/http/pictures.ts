// What a picture becomes before it is kept: told by its bytes, decoded within bounds, turned upright, without what the camera wrote into
// it, as JPEG in two sizes. Everything is encoded anew, so that nothing of the file that came in is ever served. Where they are kept is
// persistence/product-images.ts.

import { type Gate, makeGate } from '../actors/gate.ts'
import { imageType } from '../domain/conversation/image.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import type { ProductPicture } from '../persistence/product-images.ts'
import type { FilePolicy } from '../policy.ts'

export type PictureCode = 'unsupported-image' | 'invalid-image'

export interface Pictures {
  /** Makes what is kept of a picture that came in. `path` is the field it came in, for the refusal. */
  make(bytes: Buffer, path: string): Promise<Result<ProductPicture, PictureCode>>
}

type PicturePolicy = Pick<
  FilePolicy,
  'picturePixels' | 'pictureSide' | 'thumbSide' | 'pictureQuality' | 'picturesAtOnce' | 'pictureTimeoutS'
>

const WHITE = '#ffffff'

export function makePictures(policy: PicturePolicy): Pictures {
  const gate: Gate = makeGate(policy.picturesAtOnce)
  return {
    async make(bytes, path) {
      if (imageType(bytes) === null) return unsupported(path)
      const leave = await gate.enter(new AbortController().signal)
      try {
        return ok(await encode(bytes, policy))
      } catch {
        // What is wrong with it only the decoder knows, in words for nobody.
        return invalid(path, policy.picturePixels)
      } finally {
        leave?.()
      }
    },
  }
}

async function encode(bytes: Buffer, policy: PicturePolicy): Promise<ProductPicture> {
  // Loaded with the first picture: it is large, and most starts of a node need none of it.
  const { default: sharp } = await import('sharp')
  const jpeg = (from: Buffer, side: number) =>
    sharp(from, { limitInputPixels: policy.picturePixels, failOn: 'error', autoOrient: true, sequentialRead: true })
      .timeout({ seconds: policy.pictureTimeoutS })
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
      // JPEG is what every phone, page and invoice shows; it knows no transparency.
      .flatten({ background: WHITE })
      .jpeg({ quality: policy.pictureQuality })
      .toBuffer({ resolveWithObject: true })
  const full = await jpeg(bytes, policy.pictureSide)
  const thumb = await jpeg(full.data, policy.thumbSide)
  const { width, height } = full.info
  return { mime: 'image/jpeg', width, height, full: full.data, thumb: thumb.data }
}

function unsupported(path: string) {
  const message = 'This file is no JPEG, PNG or WebP picture. Save it as one of these and send it again.'
  return refuse('unsupported-image', message, { errors: [{ path, code: 'unsupported-image', message }] })
}

function invalid(path: string, pixels: number) {
  const most = Math.floor(pixels / 1_000_000)
  const message = `The picture is damaged or has more than ${most} million pixels. Save it again, smaller if it is large.`
  return refuse('invalid-image', message, { errors: [{ path, code: 'invalid-image', message }] })
}
