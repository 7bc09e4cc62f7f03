// The part of this extension that keeps traces in memory: what it imports for the others is most of Jaeger's build.
package jaegerstorage

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/component"

	"github.com/jaegertracing/jaeger/internal/storage/v1"
	memoryconfig "github.com/jaegertracing/jaeger/internal/storage/v1/memory"
	"github.com/jaegertracing/jaeger/internal/storage/v2/api/tracestore"
	"github.com/jaegertracing/jaeger/internal/storage/v2/memory"
	"github.com/jaegertracing/jaeger/internal/telemetry"
)

// Config names stores as the whole extension does.
type Config struct {
	Backends map[string]struct {
		Memory memoryconfig.Configuration `mapstructure:"memory"`
	} `mapstructure:"backends"`
}

type storageExt struct {
	config    *Config
	telset    component.TelemetrySettings
	factories map[string]tracestore.Factory
}

func newStorageExt(config *Config, telset component.TelemetrySettings) *storageExt {
	return &storageExt{config, telset, map[string]tracestore.Factory{}}
}

func (s *storageExt) Start(_ context.Context, host component.Host) error {
	for name, backend := range s.config.Backends {
		factory, err := memory.NewFactory(backend.Memory, telemetry.FromOtelComponent(s.telset, host))
		if err != nil {
			return err
		}
		s.factories[name] = factory
	}
	return nil
}

func (*storageExt) Shutdown(context.Context) error {
	return nil
}

func GetTraceStoreFactory(name string, host component.Host) (tracestore.Factory, error) {
	if ext, ok := host.GetExtensions()[ID].(*storageExt); ok {
		if factory, ok := ext.factories[name]; ok {
			return factory, nil
		}
	}
	return nil, fmt.Errorf("no store %q", name)
}

func GetMetricStorageFactory(name string, _ component.Host) (storage.MetricStoreFactory, error) {
	return nil, fmt.Errorf("no store of metrics %q", name)
}
