module github.com/swimlab/swimlab
