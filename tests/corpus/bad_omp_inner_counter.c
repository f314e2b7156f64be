// flags: -fopenmp
//
// The counter of the inner loop is declared outside, so all threads count with one.
#include <stdio.h>

int main(void) {
  static int board[32][32];
  int row, column;
#pragma omp parallel for
  for (row = 0; row < 32; row++)
    for (column = 0; column < 32; column++)  // expect: data-race column
      board[row][column] = row ^ column;
  printf("%d\n", board[3][4]);
  return 0;
}
