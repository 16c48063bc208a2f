"""The proving ground of `lightship fix`: real builds before and after, compared."""
