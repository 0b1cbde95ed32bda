;; The arithmetic that touches every parameter every step, four floats at a time.
;;
;; Pointers are byte addresses, counts are in floats. A count is rounded up to the next multiple of 16:
;; the caller pads every region with zeros, and zeros stay zeros under every kernel here.
;; Scalars come in as f64 and are rounded once, so that a JavaScript reference with Math.fround is equal bit for bit.
(module
  (import "host" "memory" (memory 1))

  ;; Bytes from a float count, rounded up to whole blocks of 16 floats.
  (func $bytes (param $count i32) (result i32)
    (i32.shl (i32.and (i32.add (local.get $count) (i32.const 15)) (i32.const -16)) (i32.const 2)))

  ;; AdamW with decoupled decay (Loshchilov & Hutter 2019, algorithm 2), bias corrections folded into scalars:
  ;;   g ← scale·G                       0 where |g| < 1e-17: its square would be subnormal
  ;;   m ← β1·m + (1−β1)·g               0 where |m| < 1e-30
  ;;   v ← β2·v + (1−β2)·g·g             0 where |v| < 1e-30
  ;;   w ← (1−decay)·w − lr/bc1 · m / (√v/√bc2 + ε)
  ;; A NaN is not flushed, so that it is seen. Without the flushes subnormal numbers make this loop more than twenty times slower.
  (func (export "adamw")
    (param $w i32) (param $g i32) (param $m i32) (param $v i32) (param $count i32)
    (param $lr f64) (param $beta1 f64) (param $beta2 f64) (param $epsilon f64) (param $decay f64)
    (param $bc1 f64) (param $bc2 f64) (param $scale f64)
    (local $end i32) (local $gradient v128) (local $first v128) (local $second v128)
    (local $b1 v128) (local $c1 v128) (local $b2 v128) (local $c2 v128)
    (local $keep v128) (local $rate v128) (local $root v128) (local $eps v128) (local $s v128)
    (local $tinyGradient v128) (local $tinyMoment v128)
    (local.set $b1 (f32x4.splat (f32.demote_f64 (local.get $beta1))))
    (local.set $c1 (f32x4.splat (f32.demote_f64 (f64.sub (f64.const 1) (local.get $beta1)))))
    (local.set $b2 (f32x4.splat (f32.demote_f64 (local.get $beta2))))
    (local.set $c2 (f32x4.splat (f32.demote_f64 (f64.sub (f64.const 1) (local.get $beta2)))))
    (local.set $keep (f32x4.splat (f32.demote_f64 (f64.sub (f64.const 1) (local.get $decay)))))
    (local.set $rate (f32x4.splat (f32.demote_f64 (f64.div (local.get $lr) (local.get $bc1)))))
    (local.set $root (f32x4.splat (f32.demote_f64 (f64.div (f64.const 1) (f64.sqrt (local.get $bc2))))))
    (local.set $eps (f32x4.splat (f32.demote_f64 (local.get $epsilon))))
    (local.set $s (f32x4.splat (f32.demote_f64 (local.get $scale))))
    (local.set $tinyGradient (f32x4.splat (f32.const 1e-17)))
    (local.set $tinyMoment (f32x4.splat (f32.const 1e-30)))
    (local.set $end (call $bytes (local.get $count)))
    (if (i32.eqz (local.get $end)) (then (return)))
    (loop $next
      (local.set $gradient (f32x4.mul (v128.load (local.get $g)) (local.get $s)))
      (local.set $gradient (v128.andnot (local.get $gradient)
        (f32x4.lt (f32x4.abs (local.get $gradient)) (local.get $tinyGradient))))
      (local.set $first (f32x4.add
        (f32x4.mul (local.get $b1) (v128.load (local.get $m)))
        (f32x4.mul (local.get $c1) (local.get $gradient))))
      (local.set $first (v128.andnot (local.get $first)
        (f32x4.lt (f32x4.abs (local.get $first)) (local.get $tinyMoment))))
      (v128.store (local.get $m) (local.get $first))
      (local.set $second (f32x4.add
        (f32x4.mul (local.get $b2) (v128.load (local.get $v)))
        (f32x4.mul (f32x4.mul (local.get $c2) (local.get $gradient)) (local.get $gradient))))
      (local.set $second (v128.andnot (local.get $second)
        (f32x4.lt (f32x4.abs (local.get $second)) (local.get $tinyMoment))))
      (v128.store (local.get $v) (local.get $second))
      (v128.store (local.get $w) (f32x4.sub
        (f32x4.mul (local.get $keep) (v128.load (local.get $w)))
        (f32x4.mul (local.get $rate) (f32x4.div (local.get $first)
          (f32x4.add (f32x4.mul (f32x4.sqrt (local.get $second)) (local.get $root)) (local.get $eps))))))
      (local.set $w (i32.add (local.get $w) (i32.const 16)))
      (local.set $g (i32.add (local.get $g) (i32.const 16)))
      (local.set $m (i32.add (local.get $m) (i32.const 16)))
      (local.set $v (i32.add (local.get $v) (i32.const 16)))
      (br_if $next (local.tee $end (i32.sub (local.get $end) (i32.const 16))))))

  ;; Σ x², in f64: eight running sums, so that the order, and with it the result, is always the same.
  (func (export "sum_squares") (param $x i32) (param $count i32) (result f64)
    (local $end i32) (local $low v128) (local $high v128)
    (local $s0 v128) (local $s1 v128) (local $s2 v128) (local $s3 v128)
    (local.set $end (call $bytes (local.get $count)))
    (if (local.get $end) (then
      (loop $next
        (local.set $low (f64x2.promote_low_f32x4 (v128.load64_zero (local.get $x))))
        (local.set $high (f64x2.promote_low_f32x4 (v128.load64_zero offset=8 (local.get $x))))
        (local.set $s0 (f64x2.add (local.get $s0) (f64x2.mul (local.get $low) (local.get $low))))
        (local.set $s1 (f64x2.add (local.get $s1) (f64x2.mul (local.get $high) (local.get $high))))
        (local.set $low (f64x2.promote_low_f32x4 (v128.load64_zero offset=16 (local.get $x))))
        (local.set $high (f64x2.promote_low_f32x4 (v128.load64_zero offset=24 (local.get $x))))
        (local.set $s2 (f64x2.add (local.get $s2) (f64x2.mul (local.get $low) (local.get $low))))
        (local.set $s3 (f64x2.add (local.get $s3) (f64x2.mul (local.get $high) (local.get $high))))
        (local.set $x (i32.add (local.get $x) (i32.const 32)))
        (br_if $next (local.tee $end (i32.sub (local.get $end) (i32.const 32)))))))
    (local.set $s0 (f64x2.add
      (f64x2.add (local.get $s0) (local.get $s1))
      (f64x2.add (local.get $s2) (local.get $s3))))
    (f64.add (f64x2.extract_lane 0 (local.get $s0)) (f64x2.extract_lane 1 (local.get $s0))))

  ;; acc ← acc + x
  (func (export "add") (param $acc i32) (param $x i32) (param $count i32)
    (local $end i32)
    (local.set $end (call $bytes (local.get $count)))
    (if (i32.eqz (local.get $end)) (then (return)))
    (loop $next
      (v128.store (local.get $acc) (f32x4.add (v128.load (local.get $acc)) (v128.load (local.get $x))))
      (local.set $acc (i32.add (local.get $acc) (i32.const 16)))
      (local.set $x (i32.add (local.get $x) (i32.const 16)))
      (br_if $next (local.tee $end (i32.sub (local.get $end) (i32.const 16))))))

  ;; x ← factor·x
  (func (export "scale") (param $x i32) (param $count i32) (param $factor f64)
    (local $end i32) (local $f v128)
    (local.set $f (f32x4.splat (f32.demote_f64 (local.get $factor))))
    (local.set $end (call $bytes (local.get $count)))
    (if (i32.eqz (local.get $end)) (then (return)))
    (loop $next
      (v128.store (local.get $x) (f32x4.mul (v128.load (local.get $x)) (local.get $f)))
      (local.set $x (i32.add (local.get $x) (i32.const 16)))
      (br_if $next (local.tee $end (i32.sub (local.get $end) (i32.const 16))))))

  ;; e ← e + (1−decay)·(w − e)
  (func (export "ema") (param $e i32) (param $w i32) (param $count i32) (param $decay f64)
    (local $end i32) (local $f v128) (local $average v128)
    (local.set $f (f32x4.splat (f32.demote_f64 (f64.sub (f64.const 1) (local.get $decay)))))
    (local.set $end (call $bytes (local.get $count)))
    (if (i32.eqz (local.get $end)) (then (return)))
    (loop $next
      (local.set $average (v128.load (local.get $e)))
      (v128.store (local.get $e) (f32x4.add (local.get $average)
        (f32x4.mul (local.get $f) (f32x4.sub (v128.load (local.get $w)) (local.get $average)))))
      (local.set $e (i32.add (local.get $e) (i32.const 16)))
      (local.set $w (i32.add (local.get $w) (i32.const 16)))
      (br_if $next (local.tee $end (i32.sub (local.get $end) (i32.const 16))))))

  ;; x ← 0
  (func (export "zero") (param $x i32) (param $count i32)
    (memory.fill (local.get $x) (i32.const 0) (call $bytes (local.get $count)))))
