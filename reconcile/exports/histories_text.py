"""What the README beside exported histories says: what to be careful of, and how each program loads its file."""

from __future__ import annotations

CAREFUL = """\
A history says on which lists a person stands. From histories one may estimate how many persons stand on none. These files
are the table that such an estimate starts from; they are no estimate.

* What is documented is not all there was. Counts by list, place or month show who was recorded, and by whom.
* The lists are no samples. Who gets on one depends on who could be asked, where it was safe to ask, and who was known.
* Matching is never without error. A missed match makes an estimate too high, a false one too low. pairs.csv says how many
  pairs wait for a person.
* Nobody may stand on a list twice. lists.csv counts the records that look repeated; what does not look so is not known.
* All lists have to speak of the same people, deaths, days and places. What lies outside what they share was left out.
* Everybody has to have had a chance to get on a list. Who had none is in no estimate.
* Lists that copy from each other, or ask the same people, are not independent. Those that say so were merged into one, those
  that do not say so stand here as two.
* Some people are likelier than others to be listed by everybody. Where that is so, an estimate that takes no account of it is
  too low. Strata by month and place soften it.
* A small stratum carries no estimate. Those with fewer than ten victims on a list have no files.
* Give the interval, not the middle of it. Use several models, and say which.
* Records without a name can't be matched. They are left out, and they are dead all the same.
* A rising overlap is no rising violence: lists grow and lapse.
* Small counts may let people be known again. Do not publish a table with ones and twos in it next to names or places."""

STRATA_TOLD = """\
Each folder is one stratum: all victims of the group (whole), one month, one governorate, or one month in one governorate. Where
lists disagree on the month or the place of a victim, the most precise record decides. Strata of one kind hold each victim once;
strata of two kinds hold the same victims again, and are never added."""

LOADED = """\
The lists stand in the same order in each file. Start R in the folder of a stratum.

`lcmcr.csv`, for LCMCR: a row a history, factors, the count in `Freq`.

```r
library(LCMCR)
d <- read.csv("lcmcr.csv")
J <- ncol(d) - 1
d[1:J] <- lapply(d[1:J], factor, levels = c("0", "1"))
sampler <- lcmCR(captures = d, tabular = TRUE, in_list_label = "1", not_in_list_label = "0",
                 K = min(2^J - 1, 15), buffer_size = 10000, thinning = 100, seed = 19481210)
N <- lcmCR_PostSampl(sampler, burnin = 10000, samples = 1000, thinning = 100)
quantile(N, c(0.025, 0.5, 0.975))
```

`dga.csv`, for dga, where there are three to five lists: one row with a cell for each history, x00..0 (nobody's) first. In an
array of R the first index runs fastest, so the first dimension is the last list.

```r
library(dga)
d <- read.csv("dga.csv")
p <- log2(ncol(d))
Y <- array(unlist(d), dim = rep(2, p))
data(list = paste0("graphs", p))
Nmissing <- 1:(10 * sum(Y))
weights <- bma.cr(Y, Nmissing, delta = 2^-p, graphs = get(paste0("graphs", p)))
plotPosteriorN(weights, Nmissing + sum(Y))
```

`sparsemse.csv`, for SparseMSE: a row a history, the count last; a history that is not there has nobody.

```r
library(SparseMSE)
zdat <- as.matrix(read.csv("sparsemse.csv"))
checkident(zdat)
found <- estimatepopulation(zdat, nboot = 1000, iseed = 1234, alpha = c(0.025, 0.975))
c(found$popest, found$BCaquantiles)
```

`rcapture.csv`, for Rcapture: the same, and the last column is the frequency.

```r
library(Rcapture)
X <- as.matrix(read.csv("rcapture.csv"))
closedp.t(X, dfreq = TRUE)
```

`verdata.csv`, for verdata: a row a person, sources in columns that begin with `in_`.

```r
library(verdata)
d <- read.csv("verdata.csv")
estimates <- mse(d, stratum_name = d$stratum_name[1], min_n = 10)
quantile(estimates$N, c(0.025, 0.5, 0.975))
```

Each of these programs comes with its own assumptions: read what its authors say before you quote a number."""
